#!/usr/bin/env node
import { Command } from "commander";
import { configureTranslate } from "./translate.js";

const program = new Command("dlms");
configureTranslate(program.command("translate"));
program.parse();
