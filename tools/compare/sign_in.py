"""A SAML assertion and a token with nothing but the standard library: RSA by hand, XML that is canonical as written."""

import base64
import datetime
import hashlib
import urllib.parse
import uuid
from xml.sax.saxutils import escape

SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
BEARER = "urn:ietf:params:oauth:grant-type:saml2-bearer"


def items(der):
    """The items of one level of DER, as (tag, content)."""
    found, at = [], 0
    while at < len(der):
        tag, size, at = der[at], der[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(der[at : at + count], "big"), at + count
        found.append((tag, der[at : at + size]))
        at += size
    return found


class Key:
    """A private RSA key from PEM, PKCS#8 or PKCS#1."""

    def __init__(self, pem):
        lines = [line for line in pem.splitlines() if line and not line.startswith("-----")]
        fields = items(items(base64.b64decode("".join(lines)))[0][1])
        if fields[1][0] == 0x30:  # PKCS#8: version, algorithm, the key in an octet string
            fields = items(items(fields[2][1])[0][1])
        numbers = [int.from_bytes(content, "big") for _, content in fields]
        self.modulus, self.private = numbers[1], numbers[3]

    def sign(self, text):
        size = (self.modulus.bit_length() + 7) // 8
        digest = SHA256 + hashlib.sha256(text).digest()
        padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
        return pow(int.from_bytes(padded, "big"), self.private, self.modulus).to_bytes(size, "big")


def assertion(key, client_id, user, recipient, issuer=None, attributes=None):
    """A signed assertion in Base64. With `issuer` the client id is the attribute `api_key`, else it is the issuer."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    stamp = lambda minutes: (now + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    identity = f"_{uuid.uuid4()}"
    given = dict(attributes or {})
    if issuer:
        given["api_key"] = client_id
    statement = "".join(
        f'<saml2:Attribute Name="{name}"><saml2:AttributeValue>{escape(value)}</saml2:AttributeValue></saml2:Attribute>'
        for name, value in given.items()
    )
    statement = f"<saml2:AttributeStatement>{statement}</saml2:AttributeStatement>" if statement else ""
    head = f'<saml2:Assertion xmlns:saml2="{SAML}" ID="{identity}" IssueInstant="{stamp(0)}" Version="2.0">'
    first = f"<saml2:Issuer>{escape(issuer or client_id)}</saml2:Issuer>"
    rest = (
        '<saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">'
        f"{escape(user)}</saml2:NameID>"
        '<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
        f'<saml2:SubjectConfirmationData NotOnOrAfter="{stamp(10)}" Recipient="{escape(recipient)}">'
        "</saml2:SubjectConfirmationData></saml2:SubjectConfirmation></saml2:Subject>"
        f'<saml2:Conditions NotBefore="{stamp(-10)}" NotOnOrAfter="{stamp(10)}"><saml2:AudienceRestriction>'
        "<saml2:Audience>www.successfactors.com</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>"
        f'<saml2:AuthnStatement AuthnInstant="{stamp(0)}" SessionIndex="{identity}"><saml2:AuthnContext>'
        "<saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
        "</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>"
        f"{statement}</saml2:Assertion>"
    )
    digest = base64.b64encode(hashlib.sha256((head + first + rest).encode()).digest()).decode()
    info = (
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>'
        f'<ds:Reference URI="#{identity}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{DSIG}enveloped-signature"></ds:Transform>'
        f'<ds:Transform Algorithm="{EXCLUSIVE}"></ds:Transform></ds:Transforms>'
        '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
        f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )
    value = base64.b64encode(key.sign(f'<ds:SignedInfo xmlns:ds="{DSIG}">{info}'.encode())).decode()
    signature = (
        f'<ds:Signature xmlns:ds="{DSIG}"><ds:SignedInfo>{info}'
        f"<ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"
    )
    return base64.b64encode((head + first + signature + rest).encode()).decode()


def form(company, client_id, signed):
    """The body of a token request."""
    asked = {"company_id": company, "client_id": client_id, "grant_type": BEARER, "assertion": signed}
    return urllib.parse.urlencode(asked).encode()
