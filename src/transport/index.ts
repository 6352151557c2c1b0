export { CaptureSplitter } from "./capture-splitter.js";
export { type ParityErrorPolicy, parityBit, receiveCharacters, sameLine } from "./character.js";
export { systemClock } from "./clock.js";
export { DeadlineTimer } from "./deadline-timer.js";
export type { FaultOptions, LineDirection, LineFault } from "./faults.js";
export {
  type DirectionStatistics,
  type LineModel,
  type LineModelOptions,
  type LineStatistics,
  lineModel,
} from "./line-model.js";
export { type MemoryPairOptions, memoryPair } from "./memory.js";
export { type MemoryLink, type MemoryLinkOptions, memoryLink } from "./memory-link.js";
export { PcapEncoder, type PcapOptions } from "./pcap.js";
export { type Driven, type LineTrace, Pump, type PumpOptions } from "./pump.js";
export { seededRandom } from "./random.js";
export { shapedTransport } from "./shaped.js";
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
