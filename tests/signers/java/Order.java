import java.io.File;
import java.io.FileInputStream;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;

/** One thing to do to one file: sign, sign visibly, add a document time stamp, add validation data. */
record Order(String program, String action, File in, File out, File key, String field, String tsa, File trust, char[] pin) {
    /** The signer's key store. */
    KeyStore store() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream stream = new FileInputStream(key)) {
            store.load(stream, pin);
        }
        return store;
    }

    /** Alias of the first private key. */
    String alias() throws Exception {
        KeyStore store = store();
        for (String alias : java.util.Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias)) {
                return alias;
            }
        }
        throw new IllegalArgumentException("no key in " + key);
    }

    /** The signer's private key. */
    PrivateKey privateKey() throws Exception {
        return (PrivateKey) store().getKey(alias(), pin);
    }

    /** The signer's certificate first. */
    Certificate[] chain() throws Exception {
        return store().getCertificateChain(alias());
    }

    /** Is the signature to be seen on the page. */
    boolean visible() {
        return action.equals("sign-visible");
    }

    /** Left edge in points of the field on the page, so that two fields stand beside each other. */
    float left() {
        return field.startsWith("NguoiKy") ? 60 : 330;
    }
}
