export { defaultProvider as nodeCryptoProvider } from "./crypto.js";
export { type PortDescription, ports } from "./ports.js";
export { type EchoOptions, type EchoResult, probeEcho } from "./probe-echo.js";
export { type PtyListener, type PtyListenerOptions, ptyListener } from "./pty.js";
export { type SerialListenerOptions, type SerialOptions, serial, serialListener } from "./serial.js";
export type { ControlLines } from "./serial-port.js";
export { dlmsPort, type PortListener, type TcpListenerOptions, type TcpOptions, tcp, tcpListener } from "./tcp.js";
export { type TlsListenerOptions, type TlsOptions, type TlsTrust, tls, tlsListener } from "./tls.js";
export { type UdpListenerOptions, type UdpOptions, udp, udpListener } from "./udp.js";
