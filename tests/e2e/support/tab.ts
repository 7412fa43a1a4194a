/** Access to a page with the client. */
import { expect, type Page } from '@playwright/test';
import type {
  ChannelOptions,
  ChannelStats,
  Continuity,
  Gap,
  Metrics,
  SendOptions,
  State,
  TokenAnswer,
} from 'tidewire';
import type { Change, Failure, PlainOptions, Received, SendReport } from '../site/kit.js';
import { signToken } from './tokens.js';

/** Returns the token that the app's backend would return. */
export type TokenSource = () => TokenAnswer | Promise<TokenAnswer>;

export class Tab {
  readonly page: Page;
  /** Called whenever the client requests a token. */
  tokens: TokenSource = () => signToken();
  /** How often it was called. */
  tokensGiven = 0;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the harness, without a connection. */
  async open(origin: string): Promise<void> {
    await this.page.exposeFunction('giveToken', () => {
      this.tokensGiven++;
      return this.tokens();
    });
    await this.page.goto(`${origin}/harness.html`);
  }

  /** Creates the client that the other methods use. */
  async client(options: PlainOptions, tokens: TokenSource | null = this.tokens): Promise<void> {
    if (tokens) this.tokens = tokens;
    await this.page.evaluate(([given, has]) => window.kit.make(given, has), [
      options,
      tokens !== null,
    ] as const);
  }

  subscribe(by: string, channel: string, options?: ChannelOptions): Promise<Failure | null> {
    return this.page.evaluate((args) => window.kit.subscribe(...args), [
      by,
      channel,
      options,
    ] as const);
  }

  unsubscribe(by: string): Promise<void> {
    return this.page.evaluate((name) => window.kit.unsubscribe(name), by);
  }

  send(
    name: string,
    channel: string,
    message: unknown,
    options?: SendOptions,
  ): Promise<Failure | null> {
    return this.page.evaluate((args) => window.kit.send(...args), [
      name,
      channel,
      message,
      options,
    ] as const);
  }

  sendReport(name: string): Promise<SendReport> {
    return this.page.evaluate((which) => window.kit.sendReport(which), name);
  }

  /** Starts sending numbers: see `Kit.sendNumbers`. */
  sendNumbers(channel: string, count: number, everyMs: number): Promise<void> {
    return this.page.evaluate((args) => void window.kit.sendNumbers(...args), [
      channel,
      count,
      everyMs,
    ] as const);
  }

  /** The reports of these sends. */
  sendReports(channel: string): Promise<SendReport[]> {
    return this.page.evaluate((name) => window.kit.sendReports(name), channel);
  }

  /** Waits until a send is settled, one way or the other. */
  async settled(name: string): Promise<SendReport> {
    await this.page.waitForFunction((which) => {
      const { ack, failure } = window.kit.sendReport(which);
      return ack || failure;
    }, name);
    return this.sendReport(name);
  }

  state(): Promise<State> {
    return this.page.evaluate(() => window.kit.client.state);
  }

  /** Waits until the client has a state. */
  async until(state: State): Promise<void> {
    await expect.poll(() => this.state(), { message: `the state becomes ${state}` }).toBe(state);
  }

  /** Creates a client for this address whose subscriber `a` is joined to the channel `news`. */
  async listening(url: string): Promise<void> {
    await this.client({ url });
    await this.subscribe('a', 'news');
    await this.untilChannel('news');
  }

  /** Waits until a channel is joined and caught up. */
  async untilChannel(channel: string, state: ChannelStats['state'] = 'ready'): Promise<void> {
    await expect
      .poll(async () => (await this.channels()).find(({ key }) => key === channel)?.state, {
        message: `the channel ${channel} becomes ${state}`,
      })
      .toBe(state);
  }

  /** The changes of the connection so far. */
  changes(): Promise<Change[]> {
    return this.page.evaluate(() => window.kit.changes);
  }

  /** The reasons of the changes into a state. */
  async reasonsFor(state: State): Promise<string[]> {
    return (await this.changes()).filter((change) => change.state === state).map((c) => c.reason);
  }

  /** The messages that a subscriber received. */
  async messages(by: string): Promise<unknown[]> {
    return (await this.inbox(by)).map(({ message }) => message);
  }

  /** The number of messages that a subscriber received. */
  count(by: string): Promise<number> {
    return this.page.evaluate(
      (name) => window.kit.inbox.reduce((sum, received) => sum + Number(received.by === name), 0),
      by,
    );
  }

  /** The messages that a subscriber received, with their metadata. */
  inbox(by: string): Promise<Received[]> {
    return this.page.evaluate(
      (name) => window.kit.inbox.filter((received) => received.by === name),
      by,
    );
  }

  errors(): Promise<Failure[]> {
    return this.page.evaluate(() => window.kit.errors);
  }

  async errorCodes(): Promise<string[]> {
    return (await this.errors()).map(({ code }) => code);
  }

  /** What a subscriber's `onError` received. */
  rejections(by: string): Promise<Failure[]> {
    return this.page.evaluate((name) => window.kit.rejections[name] ?? [], by);
  }

  /** What a subscriber's `onGap` received. */
  losses(by: string): Promise<Gap[]> {
    return this.page.evaluate((name) => window.kit.losses[name] ?? [], by);
  }

  /** What the client's `gap` listener received. */
  gaps(): Promise<Gap[]> {
    return this.page.evaluate(() => window.kit.gaps);
  }

  /** Whether a channel missed something. */
  async continuity(channel: string): Promise<Continuity | undefined> {
    return (await this.channels()).find(({ key }) => key === channel)?.continuity;
  }

  metrics(): Promise<Metrics> {
    return this.page.evaluate(() => window.kit.client.getMetrics());
  }

  channels(): Promise<ChannelStats[]> {
    return this.page.evaluate(() => window.kit.client.getChannelStats().channels);
  }

  /** The page's clock, the one of {@link Change.at}. */
  now(): Promise<number> {
    return this.page.evaluate(() => performance.now());
  }

  /** When a state was last entered, by the page's clock. */
  async since(state: State): Promise<number> {
    const changes = (await this.changes()).filter((change) => change.state === state);
    return changes.at(-1)?.at ?? Number.NaN;
  }

  hide(): Promise<void> {
    return this.page.evaluate(() => window.kit.setVisible(false));
  }

  show(): Promise<void> {
    return this.page.evaluate(() => window.kit.setVisible(true));
  }

  offline(): Promise<void> {
    return this.page.evaluate(() => window.kit.setOnline(false));
  }

  online(): Promise<void> {
    return this.page.evaluate(() => window.kit.setOnline(true));
  }

  jumpClock(ms: number): Promise<void> {
    return this.page.evaluate((by) => window.kit.jumpClock(by), ms);
  }
}
