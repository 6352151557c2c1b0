import type { Command } from "commander";
import type { TranslateOptions } from "./translate-run.js";

/** Declares `dlms translate`; what it needs is loaded when it runs. */
export function registerTranslate(program: Command): void {
  const collect = (value: string, all: readonly string[] = []) => [...all, value];
  program
    .command("translate")
    .description("explain octets seen on a wire: HDLC, wrapper, M-Bus, APDUs, P1 and IEC 62056-21 telegrams")
    .argument("[input...]", "hexadecimal text, the name of a file, or - for standard input")
    .option("--ek <hex>", "global encryption key")
    .option("--ak <hex>", "authentication key")
    .option("--dedicated-key <hex>", "dedicated key")
    .option("--system-title <hex>", "system title to try, in either direction; may be repeated", collect)
    .option("--profile <name>", "rules of general-ciphering: green-book or gbcs; without it told by the header")
    .option("--keys <file>", "JSON file of keys by name")
    .option("--json", "print one JSON array, an element per message")
    .option("--xml", "print the APDUs as XML of the COSEMpdu schema; such XML as input gives hexadecimal, or --json")
    .action(async (inputs: readonly string[], options: TranslateOptions) => {
      const { runTranslate } = await import("./translate-run.js");
      process.exitCode = runTranslate(inputs, options);
    });
}
