// Mints both kinds of token for {"runId", "topics"}: one for a browser, one for a backend.
import { Inngest } from "inngest";
import { getClientSubscriptionToken } from "inngest/react";
import { getSubscriptionToken } from "inngest/realtime";
import { pipeline } from "./pipeline.js";
import { options, say } from "./stdio.js";

const { runId, topics } = options();
const inngest = new Inngest({ id: "interop" }); // INNGEST_DEV says where the server is
const channel = pipeline({ runId }).name;

say({ client: await getClientSubscriptionToken(inngest, { channel, topics }) });
say({ backend: await getSubscriptionToken(inngest, { channel, topics }) });
