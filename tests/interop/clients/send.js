// Sends the given event, or list of events, and says {"ids": […]}.
import { Inngest } from "inngest";
import { options, say } from "./stdio.js";

const inngest = new Inngest({ id: "interop" }); // INNGEST_DEV says where the server is

say(await inngest.send(options()));
