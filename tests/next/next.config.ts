import type { NextConfig } from 'next';

const config: NextConfig = {
  // The app is built inside the repository, whose packages it uses.
  turbopack: { root: process.env.TIDEWIRE_ROOT ?? '' },
};

export default config;
