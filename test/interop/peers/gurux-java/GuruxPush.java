// SPDX-License-Identifier: GPL-2.0-only
// Pushes made of Gurux's Java library, for interoperability tests; not part of the npm package.
// Usage: java -cp ... GuruxPush send PORT wrapper|hdlc|udp none|0|1|2 short|long
//            sends a push to who listens there, plain or with keys of a suite, in one APDU or in general blocks
//        java -cp ... GuruxPush take PORT wrapper|hdlc none|gmac
//            associates with a meter, says `associated`, and prints the value of the push that it then gets
import gurux.dlms.GXByteBuffer;
import gurux.dlms.GXReplyData;
import gurux.dlms.enums.Authentication;
import gurux.dlms.enums.Command;
import gurux.dlms.enums.Conformance;
import gurux.dlms.enums.DataType;
import gurux.dlms.enums.InterfaceType;
import gurux.dlms.enums.Security;
import gurux.dlms.objects.enums.SecuritySuite;
import gurux.dlms.secure.GXCiphering;
import gurux.dlms.secure.GXDLMSSecureClient;
import gurux.dlms.secure.GXDLMSSecureNotify;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

public class GuruxPush {
    static final HexFormat HEX = HexFormat.of().withUpperCase();

    public static void main(String[] args) throws Exception {
        if (args[0].equals("send")) send(Integer.parseInt(args[1]), args[2], args[3], args[4].equals("long"));
        else take(Integer.parseInt(args[1]), args[2], args[3]);
    }

    static void protect(GXCiphering ciphering, int suite, String title) {
        int length = suite == 2 ? 32 : 16;
        ciphering.setSecuritySuite(SecuritySuite.values()[suite]);
        ciphering.setSecurity(Security.AUTHENTICATION_ENCRYPTION);
        ciphering.setSystemTitle(HEX.parseHex(title));
        ciphering.setBlockCipherKey(GuruxMeter.rising(0, length));
        ciphering.setAuthenticationKey(GuruxMeter.rising(0xD0, length));
    }

    static void send(int port, String link, String suite, boolean inBlocks) throws Exception {
        GXDLMSSecureNotify notify = new GXDLMSSecureNotify(true, 16, 1, link.equals("hdlc") ? InterfaceType.HDLC : InterfaceType.WRAPPER);
        if (!suite.equals("none")) protect(notify.getCiphering(), Integer.parseInt(suite), "4752580000000007");
        if (inBlocks) notify.getConformance().add(Conformance.GENERAL_BLOCK_TRANSFER);
        notify.setMaxReceivePDUSize(inBlocks ? 128 : 4096);
        GXByteBuffer body = new GXByteBuffer();
        body.setUInt8(DataType.STRUCTURE.getValue());
        body.setUInt8(inBlocks ? 4 : 3);
        notify.addData(HEX.parseHex("01000F0800FF"), DataType.OCTET_STRING, body);
        notify.addData(4_294_967_295L, DataType.UINT32, body);
        body.set(HEX.parseHex("02020FFF161E"));
        if (inBlocks) notify.addData(GuruxMeter.rising(3, 900), DataType.OCTET_STRING, body);
        byte[][] messages = notify.generateDataNotificationMessages(GuruxMeter.time(40).getMeterCalendar().getTime(), body);
        if (link.equals("udp")) {
            try (DatagramSocket socket = new DatagramSocket()) {
                for (byte[] message : messages) socket.send(new DatagramPacket(message, message.length, InetAddress.getLoopbackAddress(), port));
            }
            return;
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            for (byte[] message : messages) socket.getOutputStream().write(message);
            socket.getOutputStream().flush();
            Thread.sleep(300);
        }
    }

    static void take(int port, String link, String authentication) throws Exception {
        GXDLMSSecureClient client = new GXDLMSSecureClient(true);
        client.setInterfaceType(link.equals("hdlc") ? InterfaceType.HDLC : InterfaceType.WRAPPER);
        client.setServerAddress(link.equals("hdlc") ? GXDLMSSecureClient.getServerAddress(1, 17) : 1);
        client.setClientAddress(authentication.equals("gmac") ? 1 : 16);
        client.setAuthentication(authentication.equals("gmac") ? Authentication.HIGH_GMAC : Authentication.NONE);
        if (authentication.equals("gmac")) {
            protect(client.getCiphering(), 0, "4752580000000009");
            client.getCiphering().setInvocationCounter(200);
        }
        client.getProposedConformance().add(Conformance.DATA_NOTIFICATION);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(8000);
            if (link.equals("hdlc")) client.parseUAResponse(exchange(client, socket, client.snrmRequest()).getData());
            client.parseAareResponse(exchange(client, socket, client.aarqRequest()).getData());
            if (authentication.equals("gmac"))
                client.parseApplicationAssociationResponse(exchange(client, socket, client.getApplicationAssociationRequest()).getData());
            System.out.println("associated");
            GXReplyData notify = new GXReplyData();
            read(client, socket, new GXReplyData(), notify);
            System.out.println("pushed " + plain(notify.getValue()));
        }
    }

    static GXReplyData exchange(GXDLMSSecureClient client, Socket socket, byte[]... messages) throws Exception {
        GXReplyData reply = new GXReplyData();
        for (byte[] message : messages) {
            reply.clear();
            socket.getOutputStream().write(message);
            read(client, socket, reply, new GXReplyData());
        }
        return reply;
    }

    /** Reads until an answer is whole, or a notification. */
    static void read(GXDLMSSecureClient client, Socket socket, GXReplyData reply, GXReplyData notify) throws Exception {
        GXByteBuffer received = new GXByteBuffer();
        byte[] octets = new byte[4096];
        while (true) {
            int length = socket.getInputStream().read(octets);
            if (length < 0) throw new IOException("the meter closed the line");
            received.set(octets, 0, length);
            if (client.getData(received, reply, notify) || (notify.getCommand() == Command.DATA_NOTIFICATION && notify.isComplete() && !notify.isMoreData())) return;
        }
    }

    static String plain(Object value) {
        if (value instanceof byte[]) return "\"" + HEX.formatHex((byte[]) value) + "\"";
        if (value instanceof List) return "[" + String.join(",", ((List<?>) value).stream().map(GuruxPush::plain).toList()) + "]";
        if (value instanceof Object[]) return plain(Arrays.asList((Object[]) value));
        return String.valueOf(value);
    }
}
