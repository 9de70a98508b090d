#!/usr/bin/env node
// Exists before the build does, so that npm can link it.
import '../dist/cli.js'
