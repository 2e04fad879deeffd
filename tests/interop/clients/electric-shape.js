// The client of Electric, newer than the one inside of Trigger.dev's SDK, on {"url", "headers"}.
//
// It says {"messages"} for each batch, {"refused": status} when the stream gave up, and
// {"upToDate", "handle", "offset"} when it stands there.
import { ShapeStream } from "@electric-sql/client";
import { heard, options, say } from "./stdio.js";

const { url, headers } = options();
const gone = new AbortController();
const stream = new ShapeStream({
  url,
  headers,
  signal: gone.signal,
  onError: (error) => say({ refused: error.status ?? null, why: error.message }),
});

stream.subscribe((messages) => {
  // Whole numbers of 64 bits have nothing that JSON would show.
  const shown = JSON.stringify(messages, (_, value) => (typeof value === "bigint" ? `${value}` : value));
  say({ messages: JSON.parse(shown), handle: stream.shapeHandle, offset: stream.lastOffset });
});

for await (const _ of heard());
gone.abort();
process.exit(0);
