"""What the virtual machine beds share: QEMU, the guest's file system, and the way to talk to both."""
