// A backend that reads streams of runs, and a worker that writes them, with the SDK of Trigger.dev.
//
//   {"token": instead of the secret key, "inWorker": whether it is one}
//
// Told {"read": [run, key, options]} it says {"chunk"} each, and {"ended"}. Told {"pipe" | "append" |
// "writer" | "define", "run", "key", "chunks"} it writes them, and says {"written"}. Told
// {"send": [run, id, data]} it sends to an input, and says {"sent"}. It says {"refused": why} of all.
import { apiClientManager, realtimeStreams } from "@trigger.dev/core/v3";
import { StandardRealtimeStreamsManager } from "@trigger.dev/core/v3/workers";
import { auth, streams } from "@trigger.dev/sdk"; // TRIGGER_API_URL and TRIGGER_SECRET_KEY: where, who
import { heard, options, say } from "./stdio.js";

const { token, inWorker } = options();
if (token) auth.configure({ accessToken: token });
if (inWorker) {
  // As the entry point of a worker does it. Elsewhere writing is a no-op.
  const manager = new StandardRealtimeStreamsManager(apiClientManager.clientOrThrow(), process.env.TRIGGER_API_URL);
  realtimeStreams.setGlobalManager(manager);
}
// What writes tells it to those who wait, and once more to nobody.
process.on("unhandledRejection", () => {});

/** How chunks are written, by what the user calls. */
const writes = {
  pipe: (key, chunks, options) => streams.pipe(key, ReadableStream.from(chunks), options).waitUntilComplete(),
  writer: (key, chunks, options) =>
    streams.writer(key, { ...options, execute: ({ write }) => chunks.forEach(write) }).waitUntilComplete(),
  define: (key, chunks, options) => each(chunks, (chunk) => streams.define({ id: key }).append(chunk, options)),
  append: (key, chunks, options) => each(chunks, (chunk) => streams.append(key, chunk, options)),
};

say({ ready: true });
for await (const line of heard()) {
  act(line).catch((error) => say({ refused: error.message }));
}
process.exit(0);

async function act({ read, send, run, key, chunks, ...how }) {
  if (read) {
    for await (const chunk of await streams.read(...read)) say({ chunk });
    say({ ended: true });
  } else if (send) {
    const [target, id, data] = send;
    await streams.input({ id }).send(target, data);
    say({ sent: true });
  } else {
    await writes[Object.keys(how)[0]](key, chunks, { target: run });
    say({ written: true });
  }
}

async function each(chunks, write) {
  for (const chunk of chunks) await write(chunk);
}
