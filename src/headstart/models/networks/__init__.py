"""What stands under the backbones of every library: classifiers taken off, maps found, layers in order."""
