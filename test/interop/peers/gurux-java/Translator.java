import gurux.dlms.GXByteBuffer;
import gurux.dlms.GXDLMSTranslator;
import gurux.dlms.TranslatorOutputType;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Gurux's translator: a line `xml HEX` or `pdu BASE64` (a document) gives a line of Base64 or hexadecimal, or `! reason`. */
public final class Translator {
    private Translator() {
    }

    public static void main(String[] args) throws Exception {
        GXDLMSTranslator translator = new GXDLMSTranslator(TranslatorOutputType.STANDARD_XML);
        translator.setComments(false);
        translator.setHex(false);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split(" ");
            try {
                if (parts[0].equals("xml")) {
                    String xml = translator.pduToXml(new GXByteBuffer(GXDLMSTranslator.hexToBytes(parts[1])));
                    System.out.println(Base64.getEncoder().encodeToString(xml.getBytes(StandardCharsets.UTF_8)));
                } else {
                    String xml = new String(Base64.getDecoder().decode(parts[1]), StandardCharsets.UTF_8);
                    System.out.println(GXDLMSTranslator.toHex(translator.xmlToPdu(xml)).replace(" ", ""));
                }
            } catch (Throwable error) {
                System.out.println("! " + error.toString().replace('\n', ' '));
            }
        }
    }
}
