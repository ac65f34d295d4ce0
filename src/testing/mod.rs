//! What the tests of a project stand on: its program as a process, private databases, HTTP, and pages in Chromium.
