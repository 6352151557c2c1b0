export type { ConfirmOptions } from "./confirming.js";
export type {
  ListenEvent,
  PushEvent,
  PushedObject,
  PushObjectName,
  PushOrigin,
  PushProtocol,
  RejectedEvent,
} from "./events.js";
export { type ListenOptions, listen } from "./listen.js";
export type { GeneralListenKeys, KeySource, ListenKeys } from "./opening.js";
export type { PushSender } from "./push-reader.js";
export { type HandlingOptions, type ListenHandler, PushReceiver, type PushSource } from "./receiver.js";
export type { ListenStatistics } from "./statistics.js";
