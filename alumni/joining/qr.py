"""A QR code as one SVG path: no picture file, no request, sharp on any printer."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET = 4
"""Modules of white around it, as ISO/IEC 18004 asks."""


def svg(text: str) -> SafeString:
    """The code of a text, black on white whatever the colours around it.

    Screen readers skip it: the address and the code stand beside it.
    """
    matrix = modules(text)
    size = len(matrix) + 2 * QUIET
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(matrix)
        for x, dark in enumerate(row)
        if dark
    )
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" aria-hidden="true" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{0}v{0}H0z"/><path fill="#000" d="{1}"/></svg>',
        size,
        path,
    )


def modules(text: str) -> list[list[bool]]:
    """Its rows from the top; True is dark. Fifteen per cent of it may be damaged."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]
