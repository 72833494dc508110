#!/bin/sh
# Makes the key files beside it: one RSA pair in every form that people have it, and the files that are taken for one.
# They open nothing; the password is "open sesame". Needs OpenSSL 3.
set -eu
cd "$(dirname "$0")"
openssl genrsa -traditional -out pkcs1.pem 2048
openssl pkcs8 -topk8 -nocrypt -in pkcs1.pem -out pkcs8.pem
openssl pkcs8 -topk8 -v2 aes-256-cbc -passout "pass:open sesame" -in pkcs1.pem -out pkcs8-aes256.pem
openssl pkcs8 -topk8 -v2 des3 -v2prf hmacWithSHA1 -passout "pass:open sesame" -in pkcs1.pem -out pkcs8-des3-sha1.pem
openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout "pass:open sesame" -in pkcs1.pem -out pkcs8-pbes1.pem
openssl rsa -traditional -aes256 -passout "pass:open sesame" -in pkcs1.pem -out legacy-aes256.pem
openssl rsa -traditional -aes128 -passout "pass:open sesame" -in pkcs1.pem -out legacy-aes128.pem
openssl rsa -traditional -aes192 -passout "pass:open sesame" -in pkcs1.pem -out legacy-aes192.pem
openssl rsa -traditional -des3 -passout "pass:open sesame" -in pkcs1.pem -out legacy-des3.pem
openssl req -x509 -new -sha256 -key pkcs1.pem -days 3650 -subj "/CN=joinery test" -out certificate.pem
openssl req -new -sha256 -key pkcs1.pem -subj "/CN=joinery test" -out request.pem
openssl rsa -in pkcs1.pem -pubout -out public.pem
openssl pkcs12 -export -inkey pkcs1.pem -in certificate.pem -passout "pass:open sesame" -out modern.p12
openssl pkcs12 -export -legacy -inkey pkcs1.pem -in certificate.pem -passout "pass:open sesame" -out legacy.p12
openssl pkcs12 -export -nokeys -in certificate.pem -passout "pass:open sesame" -out no-key.p12
openssl pkcs12 -export -nocerts -inkey pkcs1.pem -passout "pass:open sesame" -out no-certificate.p12
openssl ecparam -name prime256v1 -genkey -noout -out elliptic-sec1.pem
openssl pkcs8 -topk8 -nocrypt -in elliptic-sec1.pem -out elliptic-pkcs8.pem
openssl genrsa -out small.pem 1024
openssl genrsa -out other.pem 2048
openssl req -x509 -new -sha256 -newkey rsa:2048 -nodes -keyout /dev/null -days 3650 -subj "/CN=joinery test root" -out root.pem
openssl req -x509 -new -sha256 -newkey rsa:2048 -nodes -keyout /dev/null -days 3650 -subj "/CN=joinery test authority" -out authority.pem
cat authority.pem root.pem > authorities.pem
openssl pkcs12 -export -inkey pkcs1.pem -in certificate.pem -certfile authorities.pem -passout "pass:open sesame" -out chain.p12
rm authorities.pem
