// The channel of these tests, declared as the SDK's users declare theirs.
import { channel, staticSchema } from "inngest/realtime";
import { z } from "zod";

export const pipeline = channel({
  name: ({ runId }) => `pipeline:${runId}`,
  topics: {
    status: { schema: z.object({ message: z.string() }) },
    tokens: { schema: z.object({ token: z.string() }) },
    // Nobody looks into this one: anything JSON can carry, and text streams.
    text: { schema: staticSchema() },
  },
});
