// How the programs in this folder talk to the tests: one JSON value per line.
import { createInterface } from "node:readline";

/** What the test wants to begin with, given as the only argument. */
export const options = () => JSON.parse(process.argv[2] ?? "{}");

/** Tell the test what happened. */
export const say = (line) => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

/** What the test says later. It ends with the test, so that no program outlives one. */
export async function* heard() {
  for await (const line of createInterface({ input: process.stdin })) {
    yield JSON.parse(line);
  }
}
