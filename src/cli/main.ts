#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { version } from "../../package.json";
import { registerCommands } from "./commands.js";
import { errorText, exitCodeOf, exitCodes } from "./exit-codes.js";

const program = new Command("dlms")
  .description("read and understand DLMS/COSEM smart meters")
  .version(version)
  .exitOverride()
  .showHelpAfterError("(--help shows what there is)");
registerCommands(program);
// Subcommands were made before they could inherit it.
for (const command of program.commands) command.exitOverride();

// Whoever reads our output may have seen enough, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCodes.done);
});

program.parseAsync().then(
  () => undefined,
  (error: unknown) => {
    // Help and version end this way too; commander has told what was wrong with the words.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
      return;
    }
    process.stderr.write(errorText(error));
    process.exitCode = exitCodeOf(error);
  },
);
