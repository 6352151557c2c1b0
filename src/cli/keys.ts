import { readFileSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import { dlmsError } from "../base/index.js";

/** Secrets of a session, as text; hexadecimal where they are keys. */
export interface KeyMaterial {
  readonly encryptionKey?: string;
  readonly authenticationKey?: string;
  readonly systemTitle?: string;
  readonly password?: string;
  readonly secret?: string;
  /** Own private key of signatures, for hls-ecdsa. */
  readonly signaturePrivateKey?: string;
  /** The meter's public one: x and y. */
  readonly meterSignaturePublicKey?: string;
}

const names = [
  "encryptionKey",
  "authenticationKey",
  "systemTitle",
  "password",
  "secret",
  "signaturePrivateKey",
  "meterSignaturePublicKey",
] as const;
type KeyName = (typeof names)[number];

/** Environment variable of each: `DLMS_ENCRYPTION_KEY` and so on. */
export const environmentNames: Readonly<Record<KeyName, string>> = {
  encryptionKey: "DLMS_ENCRYPTION_KEY",
  authenticationKey: "DLMS_AUTHENTICATION_KEY",
  systemTitle: "DLMS_SYSTEM_TITLE",
  password: "DLMS_PASSWORD",
  secret: "DLMS_SECRET",
  signaturePrivateKey: "DLMS_SIGNATURE_PRIVATE_KEY",
  meterSignaturePublicKey: "DLMS_METER_SIGNATURE_PUBLIC_KEY",
};

/**
 * Keys of a file (JSON or YAML, an object by name), then of the environment. Arguments never hold keys: every user of
 * the machine can read them.
 * @throws UsageError `invalid-argument` for a file that others may read, or that holds no object.
 */
export function loadKeys(file: string | undefined, environment: NodeJS.ProcessEnv = process.env): KeyMaterial {
  const fromFile = file === undefined ? {} : readKeyFile(file);
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fromFile[name] ?? environment[environmentNames[name]];
      return value === undefined || value === "" ? [] : [[name, String(value)]];
    }),
  );
}

/** Asks for what is missing, without showing it. Fails where nobody can be asked. */
export async function promptFor(name: KeyName, given: KeyMaterial): Promise<string> {
  const known = given[name];
  if (known !== undefined) return known;
  if (!process.stdin.isTTY)
    throw dlmsError("invalid-argument", `${name} is needed`, {
      layer: "cli",
      advice: `Put it in a file for --keys, or in the environment as ${environmentNames[name]}.`,
    });
  const prompt = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  // The line editor would show what is typed.
  Object.assign(prompt, { _writeToOutput: () => undefined });
  process.stderr.write(`${name}: `);
  return await new Promise<string>((resolve) => {
    prompt.question("", (answer) => {
      prompt.close();
      process.stderr.write("\n");
      resolve(answer.trim());
    });
  });
}

/** The object in a key file. @throws UsageError `invalid-argument` as `loadKeys`. */
export function readKeyFile(file: string): { readonly [name: string]: unknown } {
  checkOwnerOnly(file);
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch {
    // Without its cause: the parser quotes the line at fault, and that line may hold a key.
    throw dlmsError("invalid-argument", `${file} is neither JSON nor YAML`, {
      layer: "cli",
      advice: "Write a key a line, as encryptionKey: 0001..., or a JSON object.",
    });
  }
  if (typeof content !== "object" || content === null || Array.isArray(content))
    throw dlmsError("invalid-argument", `${file} holds no object of keys by name`, { layer: "cli" });
  return content as { readonly [name: string]: unknown };
}

/** Keys lie in a file that nobody but its owner may read. There are no such rights on Windows. */
export function checkOwnerOnly(file: string): void {
  let mode: number;
  try {
    mode = statSync(file).mode;
  } catch (cause) {
    throw dlmsError("invalid-argument", `the key file ${file} cannot be read`, { layer: "cli", cause });
  }
  if (process.platform !== "win32" && (mode & 0o077) !== 0)
    throw dlmsError("invalid-argument", `others may read the key file ${file}`, {
      layer: "cli",
      advice: `Run: chmod 600 ${file}`,
    });
}
