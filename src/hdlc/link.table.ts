import { defineMachine } from "../base/index.js";

/**
 * The link in normal response mode, two-way alternate (IEC 62056-46 clause 6.4.4): the initiator is the client, the
 * responder the meter. Both ends run this table. Segments and windows of one turn are one move each: a turn ends with
 * the frame that carries the poll or final bit.
 */
export const linkMachine = defineMachine("disconnected", {
  disconnected: { "initiator sends SNRM": "connecting", "initiator sends DISC": "clearing" },
  connecting: {
    "initiator sends SNRM": "connecting",
    "initiator sends DISC": "clearing",
    "responder sends UA": "ready",
    "responder sends DM": "clearing",
    "responder sends FRMR": "clearing",
    "given up": "disconnected",
  },
  /** A session that the meter still holds is taken down before it is set up anew. */
  clearing: {
    "initiator sends DISC": "clearing",
    "initiator sends SNRM": "connecting",
    "responder sends UA": "disconnected",
    "responder sends DM": "disconnected",
    "given up": "disconnected",
  },
  /** The turn is the initiator's. */
  ready: {
    "initiator ends its turn": "polled",
    "initiator sends SNRM": "connecting",
    "initiator sends DISC": "disconnecting",
    "given up": "disconnected",
  },
  /** The turn is the responder's. */
  polled: {
    "responder ends its turn": "ready",
    "initiator ends its turn": "polled",
    "initiator sends SNRM": "connecting",
    "initiator sends DISC": "disconnecting",
    "responder sends DM": "disconnected",
    "responder sends FRMR": "disconnected",
    "given up": "disconnected",
  },
  disconnecting: {
    "initiator sends DISC": "disconnecting",
    "initiator sends SNRM": "connecting",
    "responder sends UA": "disconnected",
    "responder sends DM": "disconnected",
    "given up": "disconnected",
  },
});

export type LinkState = "disconnected" | "connecting" | "clearing" | "ready" | "polled" | "disconnecting";
export type LinkMove =
  | "initiator sends SNRM"
  | "initiator sends DISC"
  | "initiator ends its turn"
  | "responder sends UA"
  | "responder sends DM"
  | "responder sends FRMR"
  | "responder ends its turn"
  | "given up";
