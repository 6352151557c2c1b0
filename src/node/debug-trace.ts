import createDebug from "debug";
import type { TraceEvent, TraceSink } from "../client/index.js";
import { type TraceTopic, TraceWriter } from "./trace-text.js";

/**
 * A trace subscriber that prints through the package `debug`, under `dlms:transport`, `dlms:iec62056-21`, `dlms:hdlc`,
 * `dlms:wrapper`, `dlms:link`, `dlms:apdu`, `dlms:association`, `dlms:security` and `dlms:client`: each frame
 * annotated, and never a secret. What is shown is chosen by the environment, as `DEBUG=dlms:*`.
 */
export function debugTrace(): TraceSink {
  const writer = new TraceWriter();
  const printers = new Map<TraceTopic, createDebug.Debugger>();
  return (event: TraceEvent) => {
    for (const { topic, text } of writer.lines(event)) {
      let print = printers.get(topic);
      if (print === undefined) {
        print = createDebug(`dlms:${topic}`);
        printers.set(topic, print);
      }
      // an argument of its own, so that a per cent sign in it is none of a format
      print("%s", text);
    }
  };
}

const topics: readonly TraceTopic[] = [
  "transport",
  "iec62056-21",
  "hdlc",
  "wrapper",
  "link",
  "apdu",
  "association",
  "security",
  "client",
];

/** What an endpoint tells its sessions' trace to: `debug`, when something of `dlms:` is switched on. */
export function endpointTrace(): { trace?: TraceSink } {
  return topics.some((topic) => createDebug.enabled(`dlms:${topic}`)) ? { trace: debugTrace() } : {};
}
