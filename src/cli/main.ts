#!/usr/bin/env node
import { Command } from "commander";
import { registerTranslate } from "./translate.js";

const program = new Command("dlms");
registerTranslate(program);
program.parseAsync().catch((error: unknown) => {
  process.exitCode = 70;
  console.error(error);
});
