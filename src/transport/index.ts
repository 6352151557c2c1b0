export type {
  Clock,
  Endpoint,
  LineSettings,
  Listener,
  SignOn,
  Transport,
  TransportHandlers,
} from "./transport.js";
