import { defineMachine } from "../base/index.js";

/**
 * One direction of a general block transfer, the same for both ends (IEC 62056-5-3, general block transfer). Events
 * are named by the block that is sent by one end and received by the other: one with streaming set, one that ends
 * the window, the last one, or one that acknowledges.
 */
export const blockStreamMachine = defineMachine("idle", {
  idle: { streamed: "window-open", "window-end": "window-closed", last: "last-sent" },
  "window-open": { streamed: "window-open", "window-end": "window-closed", last: "last-sent", abandoned: "done" },
  /** The sender waits to be told how far its blocks came. */
  "window-closed": { acknowledged: "window-due", abandoned: "done" },
  "window-due": { streamed: "window-open", "window-end": "window-closed", last: "last-sent", abandoned: "done" },
  /** Blocks before the last may still be missing, and are then sent again. */
  "last-sent": { acknowledged: "window-due", complete: "done", abandoned: "done" },
  done: {},
});

export type BlockStreamState = keyof typeof blockStreamMachine.table;
export type BlockStreamEvent = "streamed" | "window-end" | "last" | "acknowledged" | "complete" | "abandoned";
