import { closeSync, openSync, writeSync } from "node:fs";
import { dlmsError, equalBytes, fromHex, toHex } from "../base/index.js";
import {
  Certificate,
  type CertificateUse,
  type ListedCertificate,
  type MeterCertificates,
  meterCertificates,
} from "../certificates/index.js";
import { nodeCryptoProvider } from "../node/index.js";
import { trustStoreOf } from "./certificate-files.js";
import { confirm } from "./confirm.js";
import type { WriteFlags } from "./link-flags.js";
import { invalid } from "./link-options.js";
import { type CommandSession, withMeter } from "./session.js";
import { tableText } from "./table.js";
import { bytesFile } from "./tls-files.js";

export interface CertificatesFlags extends WriteFlags {
  readonly obis: string;
  readonly output?: string;
}

/** What one task prints: text for people, a value for `--json`. */
interface Printed {
  readonly text: string;
  readonly json: unknown;
}

interface Task {
  readonly certificates: MeterCertificates;
  readonly which: string;
  readonly flags: CertificatesFlags;
  readonly signal: AbortSignal;
}

const tasks: Readonly<Record<string, { readonly needs?: string; readonly run: (task: Task) => Promise<Printed> }>> = {
  list: { run: list },
  export: { needs: "the number of a row of list, or a serial number", run: exportOne },
  import: { needs: "a file with certificates, PEM or DER", run: importAll },
  remove: { needs: "the number of a row of list, or a serial number", run: remove },
  request: { needs: "digital-signature, key-agreement or tls", run: request },
};

/** Carries out `dlms certificates`: Security setup (class 64), version 1. */
export async function runCertificates(
  what: string,
  which: string | undefined,
  flags: CertificatesFlags,
): Promise<void> {
  const task = Object.hasOwn(tasks, what) ? tasks[what] : undefined;
  if (task === undefined) throw invalid(`certificates ${what}`, `Write one of ${Object.keys(tasks).join(", ")}.`);
  if (task.needs !== undefined && which === undefined) throw invalid(`certificates ${what}`, `Add ${task.needs}.`);
  const trustStore = flags.ca === undefined ? undefined : trustStoreOf(flags.ca);
  const print = printerTo(flags.output);
  const printed = await withMeter(flags, async ({ meter, signal }: CommandSession) => {
    const systemTitle = meter.negotiated.peerSystemTitle;
    const certificates = meterCertificates(meter, {
      crypto: nodeCryptoProvider,
      obis: flags.obis as `${number}-${number}:${number}.${number}.${number}`,
      ...(systemTitle === undefined ? {} : { systemTitle }),
      ...(trustStore === undefined ? {} : { trustStore }),
    });
    return await task.run({ certificates, which: which ?? "", flags, signal });
  });
  print(flags.json === true ? `${JSON.stringify(printed.json, null, 1)}\n` : printed.text);
}

/** A file is opened at once: one that cannot be written fails before the meter makes a key pair. */
function printerTo(file: string | undefined): (text: string) => void {
  if (file === undefined) return (text) => void process.stdout.write(text);
  let open: number;
  try {
    open = openSync(file, "w");
  } catch (cause) {
    throw dlmsError("file-failed", `${file} cannot be written`, { layer: "cli", cause });
  }
  return (text) => {
    writeSync(open, text);
    closeSync(open);
  };
}

async function list({ certificates, signal }: Task): Promise<Printed> {
  const rows = (await certificates.list({ signal })).map((row, index) => ({
    number: index + 1,
    entity: String(row.entity),
    use: String(row.use),
    subject: row.subjectText,
    issuer: row.issuerText,
    serial: toHex(row.serialNumber),
  }));
  return { text: tableText(["number", "entity", "use", "subject", "issuer", "serial"], rows), json: rows };
}

async function exportOne({ certificates, which, signal }: Task): Promise<Printed> {
  const certificate = await certificates.export(await rowOf(certificates, which, signal), { signal });
  return { text: certificate.toPem(), json: { ...described(certificate), pem: certificate.toPem() } };
}

async function importAll({ certificates, which, flags, signal }: Task): Promise<Printed> {
  const given = Certificate.parseAll(bytesFile("import", which));
  const imported: Certificate[] = [];
  for (const certificate of given) {
    await confirm(`Import ${certificate}`, flags.yes, signal);
    await certificates.import(certificate, { signal });
    imported.push(certificate);
  }
  return { text: imported.map((one) => `imported ${one}\n`).join(""), json: imported.map(described) };
}

async function remove({ certificates, which, flags, signal }: Task): Promise<Printed> {
  const row = await rowOf(certificates, which, signal);
  const serial = toHex(row.serialNumber);
  await confirm(`Remove ${row.subjectText} (serial ${serial})`, flags.yes, signal);
  await certificates.remove(row, { signal });
  return { text: `removed ${row.subjectText} (serial ${serial})\n`, json: { subject: row.subjectText, serial } };
}

async function request({ certificates, which, flags, signal }: Task): Promise<Printed> {
  if (!isUse(which)) throw invalid(`certificates request ${which}`, `Write ${tasks["request"]?.needs}.`);
  await confirm(`Make a key pair for ${which} in the meter`, flags.yes, signal);
  const made = await certificates.requestSigning(which, { signal });
  return { text: made.toPem(), json: { subject: made.subject.toString(), curve: made.curve, pem: made.toPem() } };
}

/** A row by its number, or by its serial number in hexadecimal. */
async function rowOf(certificates: MeterCertificates, which: string, signal: AbortSignal): Promise<ListedCertificate> {
  const rows = await certificates.list({ signal });
  const byNumber = /^\d{1,3}$/.test(which) ? rows[Number(which) - 1] : undefined;
  if (byNumber !== undefined) return byNumber;
  const serial = /^([0-9a-f]{2})+$/i.test(which) ? fromHex(which) : undefined;
  const found = rows.filter((row) => serial !== undefined && equalBytes(row.serialNumber, serial));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  throw invalid(
    found.length === 0 ? `the meter has no certificate ${which}` : `several certificates have the serial ${which}`,
    "Give the number that dlms certificates list shows.",
  );
}

function described(certificate: Certificate) {
  return {
    subject: certificate.subject.toString(),
    issuer: certificate.issuer.toString(),
    serial: toHex(certificate.serialNumber),
    notBefore: new Date(certificate.notBefore).toISOString(),
    notAfter: new Date(certificate.notAfter).toISOString(),
    uses: certificate.uses,
  };
}

function isUse(text: string): text is CertificateUse {
  return text === "digital-signature" || text === "key-agreement" || text === "tls";
}
