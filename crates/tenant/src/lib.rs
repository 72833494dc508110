//! A SuccessFactors tenant: sign in, page, pace, retry, read.
