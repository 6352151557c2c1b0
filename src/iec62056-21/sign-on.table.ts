import { defineMachine } from "../base/index.js";

/**
 * Sign-on of IEC 62056-21, the same for both ends: the initiator is the reading device, the responder the meter.
 * Clause 6.4 and annex E.
 */
export const signOnMachine = defineMachine("idle", {
  idle: { "initiator sends request": "requested" },
  requested: {
    "initiator sends request": "requested",
    "responder sends identification": "identified",
  },
  identified: {
    "initiator selects hdlc": "confirming",
    "initiator selects read-out": "reading",
    "responder sends data": "reading",
    "initiator sends request": "requested",
  },
  /** The meter repeats the option select at the new speed, early, late, or not at all. */
  confirming: { "responder confirms": "handed-over", "confirmation omitted": "handed-over" },
  reading: { "responder sends data": "reading", "responder sends last data": "done" },
  "handed-over": {},
  done: { "initiator sends request": "requested" },
});

export type SignOnState = "idle" | "requested" | "identified" | "confirming" | "reading" | "handed-over" | "done";
