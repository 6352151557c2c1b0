export { type WebSerialOptions, type WebSerialPort, webSerial } from "./serial.js";
