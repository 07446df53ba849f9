// Tests of BPF.
