export { systemClock } from "./clock.js";
export { DeadlineTimer } from "./deadline-timer.js";
export { type MemoryPairOptions, memoryPair } from "./memory.js";
export { type Driven, type LineTrace, Pump, type PumpOptions } from "./pump.js";
export {
  type Clock,
  characterTimeMs,
  type Endpoint,
  type LineSettings,
  type Listener,
  line7e1,
  line8n1,
  type PeerCertificate,
  type PeerInfo,
  type SignOn,
  type Transport,
  type TransportHandlers,
} from "./transport.js";
export { VirtualClock, type VirtualClockOptions } from "./virtual-clock.js";
