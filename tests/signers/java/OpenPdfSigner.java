import com.lowagie.text.Rectangle;
import com.lowagie.text.pdf.PdfDictionary;
import com.lowagie.text.pdf.PdfName;
import com.lowagie.text.pdf.PdfPKCS7;
import com.lowagie.text.pdf.PdfReader;
import com.lowagie.text.pdf.PdfSignature;
import com.lowagie.text.pdf.PdfSignatureAppearance;
import com.lowagie.text.pdf.PdfDate;
import com.lowagie.text.pdf.PdfStamper;
import com.lowagie.text.pdf.PdfString;
import java.io.FileOutputStream;
import java.security.MessageDigest;
import java.util.Calendar;
import java.util.HashMap;

/** OpenPDF (the LGPL successor of iText 2), detached PKCS#7 with SHA-256. */
final class OpenPdfSigner {
    private static final int ROOM = 16_000;

    private OpenPdfSigner() {}

    static boolean carryOut(Order order) throws Exception {
        if (!order.action().startsWith("sign")) {
            return false;
        }
        try (var out = new FileOutputStream(order.out())) {
            var stamper = PdfStamper.createSignature(new PdfReader(order.in().getPath()), out, '\0', null, true);
            var appearance = stamper.getSignatureAppearance();
            if (order.visible()) {
                appearance.setVisibleSignature(new Rectangle(order.left(), 20, order.left() + 150, 70), 1, order.field());
                appearance.setReason("Ky duyet");
            }
            appearance.setCrypto(null, order.chain(), null, PdfSignatureAppearance.WINCER_SIGNED);
            var dictionary = new PdfSignature(PdfName.ADOBE_PPKLITE, new PdfName("adbe.pkcs7.detached"));
            dictionary.setDate(new PdfDate(Calendar.getInstance()));
            appearance.setCryptoDictionary(dictionary);
            var reserved = new HashMap<PdfName, Integer>();
            reserved.put(PdfName.CONTENTS, ROOM * 2 + 2);
            appearance.preClose(reserved);
            appearance.close(contents(order, appearance));
        }
        return true;
    }

    private static PdfDictionary contents(Order order, PdfSignatureAppearance appearance) throws Exception {
        var pkcs7 = new PdfPKCS7(order.privateKey(), order.chain(), null, "SHA256", null, false);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(appearance.getRangeStream().readAllBytes());
        Calendar now = Calendar.getInstance();
        byte[] attributes = pkcs7.getAuthenticatedAttributeBytes(digest, now, null);
        pkcs7.update(attributes, 0, attributes.length);
        byte[] encoded = pkcs7.getEncodedPKCS7(digest, now);
        byte[] padded = java.util.Arrays.copyOf(encoded, ROOM);
        var update = new PdfDictionary();
        update.put(PdfName.CONTENTS, new PdfString(padded).setHexWriting(true));
        return update;
    }
}
