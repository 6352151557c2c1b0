import { readdir, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { loadSerialPort } from "./serial-port.js";

/** A serial port of this machine. */
export interface PortDescription {
  /** What `serial({ path })` takes. */
  readonly path: string;
  /** For people: maker, model and serial number where the system knows them. */
  readonly description: string;
  /** A path that stays the same when plugs are moved, where the system gives one. */
  readonly stablePath?: string;
  readonly manufacturer?: string;
  readonly serialNumber?: string;
  /** USB identifiers, four hexadecimal digits each. */
  readonly vendorId?: string;
  readonly productId?: string;
}

interface ListedPort {
  readonly path: string;
  readonly manufacturer?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly pnpId?: string | undefined;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
}

/** USB bridges met in optical probes and adapters, by vendor and product. */
const bridges: Readonly<Record<string, string>> = {
  "0403:6001": "FTDI FT232R",
  "0403:6010": "FTDI FT2232",
  "0403:6014": "FTDI FT232H",
  "0403:6015": "FTDI FT230X",
  "10c4:ea60": "Silicon Labs CP210x",
  "1a86:7523": "WCH CH340",
  "1a86:55d4": "WCH CH9102",
  "067b:2303": "Prolific PL2303",
};

/** The serial ports of this machine, those with a known device first. */
export async function ports(): Promise<PortDescription[]> {
  const listed = await listPorts();
  const stable = await stablePaths();
  return listed
    .map((port) => describePort(port, stable.get(port.path)))
    .sort((a, b) => Number(b.vendorId !== undefined) - Number(a.vendorId !== undefined) || order(a.path, b.path));
}

/** Puts what the system tells of a port into words. */
export function describePort(port: ListedPort, stablePath?: string): PortDescription {
  const { path, manufacturer, serialNumber, vendorId, productId } = port;
  const bridge =
    vendorId === undefined || productId === undefined ? undefined : bridges[`${vendorId}:${productId}`.toLowerCase()];
  const words = [bridge ?? manufacturer, serialNumber === undefined ? undefined : `serial ${serialNumber}`].filter(
    (word) => word !== undefined,
  );
  const usb = vendorId === undefined ? undefined : `USB ${vendorId}:${productId ?? "?"}`;
  if (usb !== undefined) words.push(usb);
  return {
    path,
    description: words.length > 0 ? words.join(", ") : "built-in port",
    ...(stablePath === undefined ? {} : { stablePath }),
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
    ...(vendorId === undefined ? {} : { vendorId }),
    ...(productId === undefined ? {} : { productId }),
  };
}

/** The package asks udev on Linux; in containers without it the device folder tells what is plugged in. */
async function listPorts(): Promise<readonly ListedPort[]> {
  try {
    return await (await loadSerialPort()).list();
  } catch {
    const names = await readdir("/dev").catch(() => []);
    return names
      .filter((name) => /^(tty(USB|ACM|AMA|O|mxc)\d+|rfcomm\d+|cu\..+)$/.test(name))
      .map((name) => ({
        path: `/dev/${name}`,
      }));
  }
}

async function stablePaths(): Promise<Map<string, string>> {
  const folder = "/dev/serial/by-id";
  const found = new Map<string, string>();
  for (const name of await readdir(folder).catch(() => [])) {
    const link = join(folder, name);
    const target = await readlink(link)
      .then(() => realpath(link))
      .catch(() => undefined);
    if (target !== undefined) found.set(target, link);
  }
  return found;
}

function order(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
