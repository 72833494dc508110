//! A SuccessFactors tenant in a process: people, rules, faults, a clock.
