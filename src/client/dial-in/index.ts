export { type DialIn, dialIn } from "./dial-in.js";
export type { ConnectedMeter, DialInEvent, DialInStatistics } from "./events.js";
export type { DialInOptions } from "./options.js";
export type { IdentifiedBy, MeterEntry, VisitSettings } from "./registry.js";
export type { Heartbeat, HeartbeatReader } from "./shared-line.js";
export type { VisitOptions } from "./visit.js";
