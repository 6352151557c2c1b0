import type { Command } from "commander";

/** The link flags, the same for every command that talks to a meter. */
export interface LinkFlags {
  readonly serial?: string;
  readonly start?: string;
  readonly baud?: string;
  readonly device?: string;
  readonly tcp?: string;
  readonly udp?: string;
  readonly hdlc?: boolean;
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsFingerprint?: string;
  readonly tlsTitle?: string;
  readonly ca?: string;
  readonly certificates?: string;
  readonly client?: string;
  readonly server?: string;
  readonly gateway?: string;
  readonly user?: string;
  readonly sn?: boolean;
  readonly auth?: string;
  readonly protection?: string;
  readonly suite?: string;
  readonly policy?: string;
  readonly resetMeterCounter?: boolean;
  readonly keys?: string;
  readonly keyStore?: string;
  readonly entry?: string;
  /** Of `dlms keys` alone. */
  readonly tryAgain?: boolean;
  /** Port on which the meter dials in, and the file that says which meters may. */
  readonly dialIn?: string;
  readonly registry?: string;
  readonly within?: string;
  readonly host?: string;
  readonly config?: string;
  readonly meter?: string;
  readonly counters?: string;
  readonly timeout?: string;
  readonly trace?: boolean;
  readonly pcap?: string;
  readonly record?: string;
}

/** Names of the authentication mechanisms on the command line. */
export const mechanisms = ["none", "low", "hls-md5", "hls-sha1", "hls-gmac", "hls-sha256", "hls-ecdsa"] as const;

/** Numbers of the security suites. */
export const suites = ["0", "1", "2"] as const;

/** What is done to each APDU. */
export const protections = ["none", "authenticated", "encrypted", "authenticated-encrypted"] as const;

/** Declares the link flags. */
export function withLinkOptions(command: Command): Command {
  return command
    .option("--serial <path>", "serial port of an optical probe or RS-485 adapter")
    .option("--start <mode>", "how a serial line begins: hdlc or mode-e (default hdlc)")
    .option("--baud <rate>", "baud rate; with mode-e the highest to accept")
    .option("--device <address>", "device address of the mode E sign-on")
    .option("--tcp <host:port>", "TCP; the port is 4059 when left out")
    .option("--udp <host:port>", "UDP")
    .option("--hdlc", "HDLC over TCP instead of the wrapper")
    .option("--tls", "TLS over TCP; without --tls-ca or --tls-fingerprint the authorities of this machine count")
    .option("--tls-ca <file>", "certificate authority of the meter, PEM")
    .option("--tls-cert <file>", "own certificate, with the chain above it, PEM")
    .option("--tls-key <file>", "own private key, PEM, readable by its owner alone")
    .option("--tls-fingerprint <sha256>", "fingerprint of the meter's certificate")
    .option("--tls-title <hex>", "system title that the meter's certificate must carry, instead of the host name")
    .option("--client <address>", "client address: 16 is the public client (default 16)")
    .option("--server <logical[:physical]>", "server address (default 1)")
    .option("--gateway <[network:]address>", "the meter is behind a gateway: network number, address in hexadecimal")
    .option("--user <id>", "user of the client, 0 to 255, where the meter wants to know")
    .option("--sn", "short name referencing, for meters that know no logical names")
    .option("--auth <mechanism>", `authentication: ${mechanisms.join(", ")} (default none)`)
    .option("--protection <level>", `${protections.join(", ")} (default the last with hls-gmac, else none)`)
    .option("--policy <number>", "security policy of the meter as Security setup has it, or `read` to ask the meter")
    .option("--suite <number>", "security suite: 0, 1 or 2 (default 0)")
    .option("--keys <file>", "file with keys and passwords by name, readable by its owner alone")
    .option("--key-store <folder>", "keys and secrets of meters, kept up to date with them, instead of --keys")
    .option("--entry <name>", "entry of the key store (default the name of --meter)")
    .option("--ca <file>", "authorities that vouch for certificates of DLMS, PEM: roots and those between")
    .option("--certificates <file>", "certificates of meters, PEM, for hls-ecdsa instead of a key; needs --ca")
    .option("--counters <folder>", "folder of the invocation counters (default below the home folder)")
    .option("--reset-meter-counter", "take a meter whose counter went back: it was exchanged, or lost it")
    .option("--dial-in <port>", "wait for --meter of --registry to dial in on this TCP port")
    .option("--registry <file>", "the meters that may dial in, with their keys, readable by its owner alone")
    .option("--within <seconds>", "how long the meter may take to dial in (default 3600)")
    .option("--host <address>", "address to wait on (default 0.0.0.0)")
    .option("--config <file>", "YAML file with named meters")
    .option("--meter <name>", "meter of that file")
    .option("--timeout <seconds>", "longest wait for an answer")
    .option("--trace", "show what crosses the line, on standard error")
    .option("--pcap <file>", "write what crosses the line for Wireshark")
    .option("--record <file>", "record the session, secrets removed, to be replayed");
}

/** The flags of commands that change something. */
export interface WriteFlags extends LinkFlags {
  readonly yes?: boolean;
  /** False with `--no-verify`. */
  readonly verify?: boolean;
  readonly json?: boolean;
}

/** Declares the link flags and those of commands that change something. */
export function withWriteOptions(command: Command): Command {
  return withLinkOptions(command)
    .option("--yes", "do not ask before it is done")
    .option("--no-verify", "do not read back what was written")
    .option("--json", "print JSON");
}
