import { ports } from "../node/index.js";
import { rowsText } from "./table.js";

/** Carries out `dlms ports`: the serial ports of this machine. */
export async function runPorts({ json }: { readonly json?: boolean }): Promise<void> {
  const found = (await ports()).map(({ path, description, manufacturer, serialNumber, stablePath }) => ({
    path,
    description,
    manufacturer: manufacturer ?? null,
    serialNumber: serialNumber ?? null,
    stablePath: stablePath ?? null,
  }));
  if (json === true) process.stdout.write(rowsText("json", [], found));
  else if (found.length === 0) process.stderr.write("no serial ports; plug in the probe and look again\n");
  else process.stdout.write(rowsText("table", ["path", "description", "stablePath"], found));
}
