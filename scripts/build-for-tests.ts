import { buildIfStale } from './build.ts';

/** The integration tests run the command as it is shipped. */
export default async function setup(): Promise<void> {
  await buildIfStale({ isQuiet: true });
}
