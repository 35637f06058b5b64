"""A program that draws: a Vega-Lite document in, PNG out. Its words are a folder and a scale."""

import sys

import vl_convert

if __name__ == "__main__":
    vl_convert.register_font_directory(sys.argv[1])
    drawn = vl_convert.vegalite_to_png(
        sys.stdin.buffer.read().decode(), scale=float(sys.argv[2]), allowed_base_urls=[]
    )
    sys.stdout.buffer.write(drawn)
