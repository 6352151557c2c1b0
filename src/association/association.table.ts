import { defineMachine } from "../base/index.js";

/**
 * States of an application association, the same for both ends (IEC 62056-5-3, state machines of the control
 * function). Events are named by the APDU that is sent by one end and received by the other.
 */
export const associationMachine = defineMachine("idle", {
  idle: { aarq: "association-pending", "pre-established": "associated" },
  "association-pending": {
    aarq: "association-pending",
    "aare-accepted": "associated",
    "aare-challenge": "authentication-pending",
    "aare-rejected": "idle",
    lost: "idle",
  },
  "authentication-pending": {
    aarq: "association-pending",
    "hls-passed": "associated",
    "hls-failed": "idle",
    rlrq: "release-pending",
    lost: "idle",
  },
  associated: { aarq: "association-pending", rlrq: "release-pending", lost: "idle" },
  "release-pending": { aarq: "association-pending", rlre: "idle", lost: "idle" },
});

export type AssociationState = keyof typeof associationMachine.table;
export type AssociationStateEvent =
  | "aarq"
  | "pre-established"
  | "aare-accepted"
  | "aare-challenge"
  | "aare-rejected"
  | "hls-passed"
  | "hls-failed"
  | "rlrq"
  | "rlre"
  | "lost";
