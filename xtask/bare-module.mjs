// Loads and initialises the output of `wasm-pack build`, and checks that it has the exports that the README names.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const EXPORTS = [
	"RealtimeClient",
	"realtimeClient",
	"useRealtimeChannel",
	"channelRegistry",
	"channelManager",
];

const directory = resolve(process.argv[2]);
const module = await import(pathToFileURL(join(directory, "tidewire.js")).href);
await module.default({ module_or_path: await readFile(join(directory, "tidewire_bg.wasm")) });

const missing = EXPORTS.filter((name) => typeof module[name] !== "function");
if (missing.length > 0) {
	console.error(`the bare module does not export ${missing.join(", ")}`);
	process.exit(1);
}
console.log(`${EXPORTS.length} exports`);
