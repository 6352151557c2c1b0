import type { ByteLengthParser } from "@serialport/parser-byte-length";
import type { SerialPort } from "serialport";
import type { LineSettings } from "../transport/index.js";
import { detectHangUp } from "./serial-hang-up.js";
import { notOpenError, systemError } from "./system-error.js";

/** Loads the serial port package only when a port is really used. */
export async function loadSerialPort(): Promise<typeof SerialPort> {
  return (await import("serialport")).SerialPort;
}

/** Loads the parser that waits for a fixed number of octets. */
export async function loadByteLengthParser(): Promise<typeof ByteLengthParser> {
  return (await import("@serialport/parser-byte-length")).ByteLengthParser;
}

/** Control lines set after opening; many optical probes draw their power from them. */
export interface ControlLines {
  readonly rts?: boolean;
  readonly dtr?: boolean;
}

/** Opens a port for this process alone. */
export async function openPort(path: string, line: LineSettings): Promise<SerialPort> {
  const Port = await loadSerialPort();
  const what = `opening serial ${path}`;
  let port: SerialPort;
  try {
    port = new Port({ path, ...line, lock: true, autoOpen: false });
  } catch (error) {
    throw systemError(error, what);
  }
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error === null ? resolve() : reject(systemError(error, what))));
  });
  // each call under way listens for the close
  port.setMaxListeners(0);
  detectHangUp(port);
  return port;
}

/** Turns one of an open port's callbacks into a promise, which a close ends: the package itself would wait on. */
export function portCall(
  port: SerialPort,
  what: string,
  call: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  if (!port.isOpen) return Promise.reject(notOpenError(what));
  return new Promise((resolve, reject) => {
    const onClose = () => reject(notOpenError(what));
    port.once("close", onClose);
    call((error) => {
      port.removeListener("close", onClose);
      if (error == null) resolve();
      else reject(systemError(error, what));
    });
  });
}

/** Closes a port, be it open, half open or gone. */
export function closePort(port: SerialPort): Promise<void> {
  if (!port.isOpen) return Promise.resolve();
  return new Promise((resolve) => port.close(() => resolve()));
}

/** True for a pseudo-terminal: it has no speed, and setting one would only discard what has come already. */
export function isPseudoTerminal(path: string): boolean {
  return /^\/dev\/(pts\/|ttys\d)/.test(path);
}
