"""Words that C, its library and C++ have taken: no function that a program becomes may be called so."""

from __future__ import annotations

KEYWORDS = """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl const constexpr continue
    default delete do double else enum explicit export extern false float for friend goto if inline int long mutable
    namespace new not not_eq nullptr operator or or_eq private protected public register restrict return short signed
    sizeof static static_assert struct switch template this thread_local throw true try typedef typeid typename typeof
    typeof_unqual union unsigned using virtual void volatile wchar_t while xor xor_eq
"""
MACROS = """
    DOMAIN EDOM EOF ERANGE FP_FAST_FMA FP_ILOGB0 FP_ILOGBNAN FP_INFINITE FP_NAN FP_NORMAL FP_SUBNORMAL FP_ZERO HUGE
    HUGE_VAL HUGE_VALF HUGE_VALL I INFINITY MATH_ERREXCEPT MATH_ERRNO MAXFLOAT M_1_PI M_2_PI M_2_SQRTPI M_E M_LN10
    M_LN2 M_LOG10E M_LOG2E M_PI M_PI_2 M_PI_4 M_SQRT1_2 M_SQRT2 NAN NULL OVERFLOW PLOSS SING TLOSS UNDERFLOW X_TLOSS
    complex errno fpclassify i386 imaginary isfinite isgreater isgreaterequal isinf isless islessequal islessgreater
    isnan isnormal isunordered linux math_errhandling signbit stderr stdin stdout unix
"""
# Of math.h and complex.h; each also for float and long double, with an f or an l behind it.
MATHEMATICS = """
    acos acosh asin asinh atan atan2 atanh cabs cacos cacosh carg casin casinh catan catanh cbrt ccos ccosh ceil cexp
    cimag clog clog10 conj copysign cos cosh cpow cproj creal csin csinh csqrt ctan ctanh drem erf erfc exp exp10 exp2
    expm1 fabs fdim finite floor fma fmax fmin fmod frexp gamma gamma_r hypot ilogb isinf isnan j0 j1 jn ldexp lgamma
    lgamma_r llrint llround log log10 log1p log2 logb lrint lround modf nan nearbyint nextafter nexttoward pow pow10
    remainder remquo rint round roundeven scalb scalbln scalbn signbit significand sin sincos sinh sqrt tan tanh
    tgamma trunc y0 y1 yn
"""
LIBRARY = """
    abort abs access alarm aligned_alloc alloca asctime assert atexit atof atoi atol atoll bcmp bcopy bind bsearch
    bzero calloc chdir chmod clearerr clock close connect ctime dcgettext dgettext difftime div double_t dup dup2
    environ execl execle execlp execv execve execvp exit fclose feof ferror fflush ffs ffsl ffsll fgetc fgetpos fgets
    float_t fopen fork fprintf fprintf_unlocked fputc fputc_unlocked fputs fputs_unlocked fread free freopen fscanf
    fseek fsetpos ftell fwrite fwrite_unlocked getc getchar getenv getpid gets gettext gmtime imaxabs imaxdiv index
    ioctl isalnum isalpha isascii isblank iscntrl isdigit isgraph islower isprint ispunct isspace isupper iswalnum
    iswalpha iswblank iswcntrl iswdigit iswgraph iswlower iswprint iswpunct iswspace iswupper iswxdigit isxdigit kill
    labs ldiv link listen llabs lldiv localeconv localtime longjmp lseek main malloc matherr mblen mbstowcs mbtowc
    memalign memchr memcmp memcpy memmove mempcpy memset mktime nice open pause perror pipe posix_memalign printf
    printf_unlocked putc putc_unlocked putchar putchar_unlocked puts puts_unlocked qsort quick_exit raise rand random
    read realloc recv remove rename rewind rindex scanf select send setbuf setjmp setlocale setvbuf signal signgam
    sleep snprintf socket sprintf srand srandom sscanf stat stpcpy stpncpy strcasecmp strcat strchr strcmp strcoll
    strcpy strcspn strdup strerror strfmon strftime strlen strncasecmp strncat strncmp strncpy strndup strnlen strpbrk
    strrchr strspn strstr strtod strtof strtok strtol strtold strtoll strtoul strtoull strxfrm symlink sync system
    time times tmpfile tmpnam toascii tolower toupper towlower towupper truncate ungetc unlink va_arg va_copy va_end
    va_start vfprintf vfscanf vprintf vscanf vsnprintf vsprintf vsscanf wait wcstombs wctomb write
"""

TAKEN = frozenset(f"{KEYWORDS} {MACROS} {LIBRARY}".split()) | {
    f"{name}{real}" for name in MATHEMATICS.split() for real in ("", "f", "l")
}
