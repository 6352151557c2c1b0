export type { ProfileSource, ReadOptions, ValuePart } from "./profile-source.js";
export type { SessionStatistics } from "./statistics.js";
export type {
  SessionState,
  TraceDetail,
  TraceEvent,
  TraceLayer,
  TraceMoment,
  TraceSink,
  TraceTarget,
} from "./trace.js";
