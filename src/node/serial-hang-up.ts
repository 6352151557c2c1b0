import { read } from "node:fs";
import type { SerialPort } from "serialport";

/** The part of the package's port on Unix that is used here; it is not in its types. */
interface UnixBinding {
  fd: number | null;
  readonly isOpen: boolean;
  readonly poller: { once(event: "readable", callback: (error: Error | null) => void): unknown };
  read(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesRead: number; buffer: Uint8Array }>;
}

/**
 * On Unix a read of no octets means that the device is gone. The package reads again and again then, without an end
 * (serialport/bindings-cpp issue 162), and never tells. This puts a read in its place that ends with an error, upon
 * which the package closes the port as it does on other systems.
 */
export function detectHangUp(port: SerialPort): void {
  const binding = port.port as unknown as Partial<UnixBinding> | undefined;
  if (!isUnixBinding(binding)) return;
  binding.read = async (buffer, offset, length) => {
    for (;;) {
      if (!binding.isOpen || binding.fd === null) throw canceled();
      const bytesRead = await readOnce(binding.fd, buffer, offset, length);
      if (bytesRead === 0) throw Object.assign(new Error("the device is gone"), { code: "EIO", disconnect: true });
      if (bytesRead !== undefined) return { bytesRead, buffer };
      if (!binding.isOpen) throw canceled();
      await readable(binding);
    }
  };
}

function isUnixBinding(binding: Partial<UnixBinding> | undefined): binding is UnixBinding {
  return typeof binding?.fd === "number" && typeof binding.poller?.once === "function" && binding.read !== undefined;
}

/** How many octets were read; undefined when there are none yet. */
function readOnce(fd: number, buffer: Uint8Array, offset: number, length: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, offset, length, null, (error, bytesRead) => {
      if (error === null) resolve(bytesRead);
      else if (error.code === "EAGAIN" || error.code === "EINTR") resolve(undefined);
      else reject(error);
    });
  });
}

function readable(binding: UnixBinding): Promise<void> {
  return new Promise((resolve, reject) => {
    binding.poller.once("readable", (error) => (error === null ? resolve() : reject(error)));
  });
}

/** The error by which the package knows that the port was closed on purpose. */
function canceled(): Error {
  return Object.assign(new Error("the port is not open"), { canceled: true });
}
