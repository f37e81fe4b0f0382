# bound - the error of whole rows of one implementation against the bound of each: see normwise.h.
load palette
set title sprintf("%s: error of whole rows against its bound, f32", who) noenhanced
set xlabel "bound n + 2 + 2 (x_{max} - x_{min})  [u = 2^{-24}]" 
set ylabel "max |error| / max p  [u]"
set logscale xy
set format xy "10^{%T}"
set xrange [2:3e6]
set yrange [5e-4:*]
set key bottom right noenhanced
plot x with lines dt 2 lc rgb grey title "the bound", \
     data index 0 using 1:2 with points pt 6 ps 0.6 lc rgb colour[1] title "rows of the suites plain and long"
