import type { Command } from "commander";
import { withLinkOptions, withWriteOptions } from "./link-flags.js";
import { registerTranslate } from "./translate.js";

/**
 * Declares every command. What a command needs is loaded when it runs, so that `dlms --version` is quick.
 */
export function registerCommands(program: Command): void {
  withLinkOptions(program.command("read"))
    .description("read attributes: OBIS, CLASS/OBIS or CLASS/OBIS/ATTRIBUTE; attribute 2 when left out")
    .argument("<target...>", "for example 1-0:1.8.0, 8/0-0:1.0.0/time, 1-0:99.1.0/capturePeriod")
    .option("--json", "print JSON")
    .action(async (targets, flags) => (await import("./read.js")).runRead(targets, flags));

  withLinkOptions(program.command("profile"))
    .description("read a load profile, with progress; prints a chart for people, rows for pipes")
    .argument("[obis]", "logical name of the profile", "1-0:99.1.0*255")
    .option("--from <time>", "first row, as 2026-11-20 or 2026-11-20T10:00; default a day ago")
    .option("--to <time>", "last row; default now")
    .option("--last <n>", "the newest rows instead of a range")
    .option("--entries <from:to>", "rows by their number instead of a range, counted from 1")
    .option("--columns <list>", "columns to read, by OBIS, joined by commas")
    .option("--format <format>", "table, csv, json or ndjson; default table on a terminal, else csv")
    .option("--json", "the same as --format json")
    .option("--output <file>", "write the rows to a file instead of standard output")
    .option("--svg <file>", "draw the profile as a picture")
    .option("--chart <column>", "column of the chart, by OBIS or number; the first energy or power when left out")
    .option("--no-chart", "no chart on the terminal")
    .option("--resume <file>", "keep a checkpoint there, and go on from it after a lost link")
    .action(async (obis, flags) => (await import("./profile.js")).runProfile(obis, flags));

  withLinkOptions(program.command("objects"))
    .description("list the objects that the meter shows to this client, with access rights")
    .option("--json", "print JSON")
    .option("--class <id>", "objects of this class alone")
    .action(async (flags) => (await import("./objects.js")).runObjects(flags));

  withLinkOptions(program.command("clock"))
    .description("show the clock of the meter, and how far it is off; set it with --set")
    .option("--set <time>", "now, or a time as 2026-11-21T10:15:00+01:00")
    .option("--obis <code>", "logical name of the clock", "0-0:1.0.0*255")
    .option("--json", "print JSON")
    .action(async (flags) => (await import("./clock.js")).runClock(flags));

  program
    .command("readout")
    .description("data read-out of IEC 62056-21 through an optical probe, no keys needed")
    .requiredOption("--serial <path>", "serial port of the probe")
    .option("--baud <rate>", "highest baud rate to accept")
    .option("--device <address>", "device address")
    .option("--json", "print JSON")
    .action(async (flags) => (await import("./readout.js")).runReadout(flags));

  withWriteOptions(program.command("set"))
    .description("write an attribute: OBIS/ATTRIBUTE or CLASS/OBIS/ATTRIBUTE; reads it back")
    .argument("<target>", "for example 7/1-0:99.1.0/capturePeriod")
    .argument("<value>", 'text or JSON as the class has it, or Data as {"type":"unsigned","value":5}')
    .action(async (target, value, flags) => (await import("./set.js")).runSet(target, value, flags));

  withWriteOptions(program.command("invoke"))
    .description("invoke a method: OBIS/METHOD or CLASS/OBIS/METHOD; prints what it returns")
    .argument("<target>", "for example 70/0-0:96.3.10/remoteReconnect")
    .argument("[parameter]", "as the value of set; left out where the method takes none")
    .action(async (target, parameter, flags) => (await import("./invoke.js")).runInvoke(target, parameter, flags));

  withWriteOptions(program.command("relay"))
    .description("disconnect or reconnect the supply, or show how it stands")
    .argument("<what>", "on, off or status")
    .option("--obis <code>", "logical name of the disconnect control", "0-0:96.3.10*255")
    .action(async (what, flags) => (await import("./relay.js")).runRelay(what, flags));

  withLinkOptions(program.command("keys"))
    .description("keys and secrets of a meter, kept in a key store: list, import, change, settle; shows none of them")
    .argument("<what>", "list the entries, import a key file (--keys), change them in the meter, or settle a change")
    .option("--new-keys <file>", "file with the new keys, password or secret, readable by its owner alone")
    .option("--generate <names>", "draw these keys: encryptionKey, authenticationKey, broadcastKey, masterKey")
    .option("--agree <names>", "agree on these keys with the meter (suites 1 and 2)")
    .option("--try-again", "try secrets once more although the meter refused the new and the old ones")
    .option("--yes", "do not ask before it is done")
    .option("--json", "print JSON")
    .action(async (what, flags) => (await import("./keys-command.js")).runKeys(what, flags));

  withWriteOptions(program.command("certificates"))
    .description("certificates and key pairs of a meter (Security setup, version 1)")
    .argument("<what>", "list, export, import, remove, or request: a new key pair, and its signing request")
    .argument("[which]", "row of list or serial number; file to import; digital-signature, key-agreement or tls")
    .option("--obis <code>", "logical name of the Security setup", "0-0:43.0.0*255")
    .option("--output <file>", "write what is printed to a file")
    .action(async (what, which, flags) =>
      (await import("./certificates-command.js")).runCertificates(what, which, flags),
    );

  registerTranslate(program);

  program
    .command("listen")
    .description("print what meters push, until stopped: lines for people, NDJSON for pipes")
    .option("--tcp <port>", "listen on TCP; 0 takes a free port")
    .option("--udp <port>", "listen on UDP")
    .option("--serial <path>", "listen on a serial line")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--baud <rate>", "speed of the serial line", "9600")
    .option("--parity <parity>", "of the serial line: none, even or odd", "none")
    .option("--protocol <name>", "wrapper, hdlc, mbus or p1; default wrapper, hdlc on a serial line")
    .option("--keys <file>", "file with keys, for all or below each system title, readable by its owner alone")
    .option("--objects <file>", "names of the pushed values, for pushes that do not name them")
    .option("--confirm <title>", "confirm ciphered pushes, under this system title of ours (16 hexadecimal digits)")
    .option("--counters <folder>", "folder of the invocation counters (default below the home folder)")
    .option("--dial-in", "identify the meters that call on --tcp by --registry, and serve no others")
    .option("--registry <file>", "the meters that may dial in, with their keys, readable by its owner alone")
    .option("--hdlc", "meters that dial in speak HDLC over TCP")
    .option("--tls", "TLS on --tcp; needs --tls-cert, --tls-key, and --tls-ca or --tls-fingerprint of the meters")
    .option("--tls-ca <file>", "certificate authority of the meters, PEM")
    .option("--tls-cert <file>", "own certificate, with the chain above it, PEM")
    .option("--tls-key <file>", "own private key, PEM, readable by its owner alone")
    .option("--tls-fingerprint <sha256>", "fingerprint of the one meter's certificate")
    .option("--verify <rule>", "required, if-key or off; default required with keys, else off")
    .option("--json", "print NDJSON on a terminal too")
    .action(async (flags) => (await import("./listen.js")).runListen(flags));

  program
    .command("mock")
    .description("run a mock meter until stopped; the first line says where it listens")
    .option("--tcp <port>", "listen on TCP; 0 takes a free port")
    .option("--udp <port>", "listen on UDP")
    .option("--pty", "listen on a pseudo terminal, as an optical port does (mode E)")
    .option("--hdlc", "HDLC over TCP instead of the wrapper")
    .option(
      "--dial <host:port>",
      "dial in there, as meters behind a mobile network do, and again when the line is lost",
    )
    .option("--push-to <line>", "push there instead: tcp:HOST:PORT, udp:HOST:PORT, or a serial port")
    .option("--carrier <name>", "what carries the pushes: wrapper, hdlc-ui, hdlc-i or mbus")
    .option("--push-every <seconds>", "seconds between pushes (default 60; none with --dial)")
    .option("--confirmed", "ask for confirmations, and repeat what is not confirmed")
    .option("--start <mode>", "how a pseudo terminal begins: mode-e or hdlc", "mode-e")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--sn", "be a meter with short name referencing")
    .option("--auth <mechanism>", "let in one client alone, address 1: none, low or an hls- mechanism")
    .option("--keys <file>", "keys and password of the meter by name; printed test keys when left out")
    .option("--days <n>", "days of load profile", "40")
    .option("--interval <minutes>", "minutes between two rows", "15")
    .option("--seed <n>", "another household", "1")
    .option("--baud <rate>", "make the line as slow as this")
    .option(
      "--fault <spec>",
      "spoil the line: flip=, hit=, drop=, double= with a rate from 0 to 1, latency=MS, echo; joined by commas",
    )
    .option("--max-pdu-size <octets>", "largest APDU of the meter", "1024")
    .option("--tls", "TLS over TCP; needs --tls-cert, --tls-key, and --tls-ca or --tls-fingerprint of the clients")
    .option("--tls-cert <file>", "certificate of the meter, with the chain above it, PEM")
    .option("--tls-key <file>", "private key of the meter, PEM, readable by its owner alone")
    .option("--tls-ca <file>", "certificate authority of the clients, PEM")
    .option("--tls-fingerprint <sha256>", "fingerprint of the one client's certificate")
    .action(async (flags) => (await import("./mock.js")).runMock(flags));

  program
    .command("ports")
    .description("list the serial ports of this machine")
    .option("--json", "print JSON")
    .action(async (flags) => (await import("./ports.js")).runPorts(flags));
}
