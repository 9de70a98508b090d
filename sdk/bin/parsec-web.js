#!/usr/bin/env node
// Exists before the build does, so that npm can link it.
import { run } from '../dist/cli/main.js'

await run(process.argv.slice(2))
