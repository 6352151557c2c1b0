import type { Command } from "commander";
import { rowsText } from "./table.js";

/** Declares `dlms ports`: the serial ports of this machine. */
export function configurePorts(command: Command): Command {
  return command
    .description("list the serial ports of this machine")
    .option("--json", "print JSON")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const { ports } = await import("../node/index.js");
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
    });
}
