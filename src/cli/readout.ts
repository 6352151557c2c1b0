import { readOut } from "../client/index.js";
import { serial } from "../node/index.js";
import { wholeNumber } from "./link-options.js";
import { ProgressLine } from "./progress.js";
import { rowsText } from "./table.js";

/** Flags of `dlms readout`. */
export interface ReadoutFlags {
  readonly serial: string;
  readonly baud?: string;
  readonly device?: string;
  readonly json?: boolean;
}

/** Carries out `dlms readout`: the data sets of modes A to C. */
export async function runReadout({ serial: path, baud, device, json }: ReadoutFlags): Promise<void> {
  const endpoint = serial({
    path,
    start: "mode-e",
    ...(baud === undefined ? {} : { baudRate: wholeNumber("--baud", baud, 300, 115_200) }),
    ...(device === undefined ? {} : { deviceAddress: device }),
  });
  const abort = new AbortController();
  const cancel = () => abort.abort(new Error("cancelled by Ctrl-C"));
  process.once("SIGINT", cancel);
  const progress = new ProgressLine();
  try {
    const { identification, dataSets } = await readOut(endpoint, {
      signal: abort.signal,
      onBlock: (text) => progress.show(`${text.length} characters`, true),
    });
    progress.end();
    if (json === true) {
      process.stdout.write(`${JSON.stringify({ identification: identification ?? null, dataSets }, null, 1)}\n`);
      return;
    }
    if (identification !== undefined)
      process.stdout.write(`${identification.manufacturer} ${identification.identification}\n`);
    const rows = dataSets.map(({ reference, values }) => ({
      reference,
      value: values.map(({ value, unit }) => (unit === undefined ? value : `${value} ${unit}`)).join(", "),
    }));
    process.stdout.write(rowsText("table", ["reference", "value"], rows));
  } finally {
    process.off("SIGINT", cancel);
  }
}
